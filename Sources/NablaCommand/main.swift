import Nabla

print("nabla")
